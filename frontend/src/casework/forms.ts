/** What each thing that can be done to a case file asks for. Whether it can be done, the server says. */

import { actorName, clauseName, inLanguage, theCase } from '../case.svelte';
import type { Choice, Field, Values } from '../forms/fields';
import { number } from '../text/format.svelte';
import { t, word } from '../text/language.svelte';
import { localInstant } from '../text/moments.svelte';
import { linked, partiesOf, type CaseFile, type Rules } from './told';

/** A form: its fields, what stands in it, what is told besides, and where to. */
export interface Deed {
  readonly fields: readonly Field[];
  readonly initial?: Values;
  /** Makes of what was typed what the server takes. */
  readonly told?: (typed: Values) => Values;
}

const words = (vocabulary: string, values: readonly string[]): Choice[] =>
  values.map((value) => ({ value, label: word(vocabulary, value) }));
const actors = (ids: readonly string[]): Choice[] => ids.map((id) => ({ value: id, label: actorName(id) }));

/** Kinds of actors that can be a party to a case file. */
const PARTIES = ['state', 'army', 'militia', 'armed-group', 'umbrella', 'political'];

export function partyChoices(): Choice[] {
  return actors(
    theCase()
      .actors.filter((actor) => PARTIES.includes(actor.kind))
      .map((actor) => actor.actor_id),
  );
}

export function clauseChoices(): Choice[] {
  return theCase().clauses.map((clause) => ({
    value: clause.clause_id,
    label: `${clause.clause_id}: ${clauseName(clause.clause_id)}`,
  }));
}

export const reason = (): Field => ({ kind: 'text', name: 'reason', label: t('deed.reason') });
const text = (name: string, label: string, hint?: string): Field => ({
  kind: 'text',
  name,
  label,
  ...(hint ? { hint } : {}),
});
const party = (ids: readonly string[], label = t('deed.party')): Field => ({
  kind: 'choice',
  name: 'party',
  label,
  choices: actors(ids),
});
const shareWith = (of: CaseFile): Field => ({
  kind: 'several',
  name: 'share_with',
  label: t('deed.share_with'),
  hint: t('deed.share_with_how'),
  choices: actors(partiesOf(of)),
  optional: true,
});

/** What the one who alleges says. */
export function allegationFields(): Field[] {
  return [
    { kind: 'line', name: 'title', label: t('case_field.title') },
    text('summary', t('case_field.summary'), t('case.summary_how')),
    {
      kind: 'line',
      name: 'occurred_from',
      label: t('case_field.occurred_from'),
      hint: t('case.when_how'),
      optional: true,
    },
    { kind: 'line', name: 'occurred_until', label: t('case_field.occurred_until'), optional: true },
    { kind: 'line', name: 'place', label: t('case_field.place'), optional: true },
    { kind: 'several', name: 'accused', label: t('case_field.accused'), choices: partyChoices(), optional: true },
    {
      kind: 'several',
      name: 'clause_ids',
      label: t('case_field.clause_ids'),
      choices: clauseChoices(),
      optional: true,
    },
  ];
}

/** What may be cited: what the file holds, and the records it links. */
export function evidenceChoices(of: CaseFile): Choice[] {
  const held = [
    ...of.attachments.map((one) => ({
      value: `attachment:${one.position}`,
      label: t('cite.attachment', { name: one.name }),
    })),
    ...of.visits.map((one) => ({
      value: `visit:${one.position}`,
      label: t('cite.visit', { at: localInstant(one.began_at) }),
    })),
    ...of.replies
      .filter((one) => !one.asked)
      .map((one) => ({ value: `reply:${one.position}`, label: t('cite.reply', { party: actorName(one.party) }) })),
  ];
  const records = ['incident_ids', 'finding_ids', 'report_ids', 'obligation_ids'] as const;
  return [
    ...held,
    ...records.flatMap((name) =>
      linked(of, name).map((id) => ({ value: id, label: t(`cite.${name}`, { id: id.slice(0, 16) }) })),
    ),
  ];
}

function visitFields(): Field[] {
  return [
    { kind: 'moment', name: 'began', label: t('visit.began'), hint: t('visit.local', { zone: theCase().time_zone }) },
    { kind: 'moment', name: 'ended', label: t('visit.ended') },
    { kind: 'choice', name: 'side', label: t('visit.side'), choices: partyChoices() },
    { kind: 'number', name: 'people', label: t('visit.people'), least: 1, most: 1000 },
    {
      kind: 'choice',
      name: 'access',
      label: t('visit.access'),
      choices: words('access', ['full', 'partial', 'denied']),
    },
    text('account', t('visit.account')),
  ];
}

function offerFields(of: CaseFile): Field[] {
  return [
    party(partiesOf(of).filter((one) => one !== of.row.filed_by)),
    text('statement', t('offer.statement')),
    { kind: 'day', name: 'until_day', label: t('offer.until'), hint: t('offer.until_how'), optional: true },
  ];
}

function answered(name: string, label: string, of: CaseFile): Field {
  return {
    kind: 'group',
    name,
    label,
    fields: [
      {
        kind: 'choice',
        name: 'answer',
        label: t('draft.answer'),
        choices: words('answer', ['yes', 'no', 'undetermined', 'contested']),
      },
      text('reasons', t('draft.reasons')),
      {
        kind: 'several',
        name: 'evidence',
        label: t('draft.evidence'),
        hint: t('draft.evidence_how'),
        choices: evidenceChoices(of),
        optional: true,
      },
    ],
  };
}

function draftFields(of: CaseFile, rules: Rules): Field[] {
  return [
    {
      kind: 'choice',
      name: 'body_id',
      label: t('draft.body'),
      choices: rules.bodies.map((body) => ({ value: body.id, label: inLanguage(body.names) })),
    },
    {
      kind: 'group',
      name: 'content',
      label: t('draft.content'),
      fields: [
        { kind: 'several', name: 'clause_ids', label: t('case_field.clause_ids'), choices: clauseChoices() },
        text('time_and_place', t('draft.time_and_place')),
        text('bound_because', t('draft.bound_because')),
        answered('fact', t('draft.fact'), of),
        answered('attribution', t('draft.attribution'), of),
        {
          kind: 'several',
          name: 'attributed_to',
          label: t('draft.attributed_to'),
          choices: actors(of.row.accused),
          optional: true,
        },
        answered('breach', t('draft.breach'), of),
        text('independence', t('draft.independence')),
        text('alternatives', t('draft.alternatives')),
        text('confidence', t('draft.confidence')),
        text('method', t('draft.method')),
        {
          kind: 'list',
          name: 'remedies',
          label: t('draft.remedies'),
          more: t('draft.remedy_more'),
          fewer: t('draft.remedy_fewer'),
          optional: true,
          fields: [
            text('text', t('remedy.text')),
            { kind: 'choice', name: 'bearer', label: t('remedy.bearer'), choices: actors(partiesOf(of)) },
            { kind: 'day', name: 'deadline', label: t('remedy.deadline') },
          ],
        },
      ],
    },
  ];
}

const answerBlank = { answer: '', reasons: '', evidence: [] };

/** What a transition asks for besides its reason. */
export function transitionDeed(name: string, of: CaseFile, rules: Rules, others: readonly Choice[]): Deed {
  const draft = (of.draft ?? of.rulings.at(-1)?.determination)?.position ?? 0;
  switch (name) {
    case 'assign':
    case 'hear-appeal':
      return {
        fields: [{ kind: 'account', name: 'assignee', label: t('deed.assignee'), hint: t('deed.assignee_how') }],
      };
    case 'notify':
      return {
        fields: [
          {
            kind: 'list',
            name: 'offers',
            label: t('offer.title'),
            more: t('offer.more'),
            fewer: t('offer.fewer'),
            fields: offerFields(of),
          },
          { kind: 'yes', name: 'with_allegation', label: t('offer.with_allegation') },
        ],
        initial: {
          offers: of.row.accused.map((one) => ({ party: one, statement: '', until_day: '' })),
          with_allegation: true,
        },
      };
    case 'receive-reply':
      return {
        fields: replyFields(of),
        initial: { party: only(askedOf(of)) },
      };
    case 'visit':
      return { fields: visitFields().map(withoutDenied) };
    case 'draft':
      return {
        fields: draftFields(of, rules),
        initial: {
          body_id: only(rules.bodies.map((body) => body.id)),
          content: {
            clause_ids: [...of.row.clause_ids],
            time_and_place: '',
            bound_because: '',
            fact: { ...answerBlank },
            attribution: { ...answerBlank },
            attributed_to: [],
            breach: { ...answerBlank },
            independence: '',
            alternatives: '',
            confidence: '',
            method: '',
            remedies: [],
          },
        },
      };
    case 'sign':
    case 'determine':
    case 'record-no-consensus':
      return { fields: [], told: (typed) => ({ ...typed, draft }) };
    case 'mark-duplicate':
      return { fields: [{ kind: 'choice', name: 'case_file_id', label: t('deed.duplicate_of'), choices: others }] };
    case 'settle':
      return {
        fields: [
          text('terms', t('deed.terms')),
          { kind: 'several', name: 'agreed_by', label: t('deed.agreed_by'), choices: actors(partiesOf(of)) },
        ],
      };
    case 'appeal':
      return { fields: [party(partiesOf(of), t('deed.appeals'))] };
    default:
      return { fields: [] };
  }
}

function withoutDenied(field: Field): Field {
  return field.kind === 'choice' && field.name === 'access'
    ? { ...field, choices: field.choices.filter((choice) => choice.value !== 'denied') }
    : field;
}

const only = (values: readonly string[]): string => (values.length === 1 ? (values[0] ?? '') : '');
const askedOf = (of: CaseFile): string[] => [
  ...new Set([
    ...of.replies.filter((reply) => reply.asked).map((reply) => reply.party),
    ...of.publications.flatMap((publication) => publication.names),
  ]),
];
const replyFields = (of: CaseFile): Field[] => [party(askedOf(of)), text('text', t('reply.text'))];

/** A kind of entry that can be added: where it is told to, and what it asks for. */
export interface Addition extends Deed {
  readonly path: string;
}

/** What adding an entry of a kind asks for; null: it has a form of its own, or none. */
export function additionDeed(kind: string, of: CaseFile, rules: Rules): Addition | null {
  const evidence: Field = {
    kind: 'several',
    name: 'evidence',
    label: t('draft.evidence'),
    choices: evidenceChoices(of),
    optional: true,
  };
  switch (kind) {
    case 'case-file-graded':
      return {
        path: 'grades',
        fields: [
          { kind: 'choice', name: 'grade', label: t('case.grade'), choices: words('grade', rules.grades) },
          reason(),
          evidence,
        ],
      };
    case 'case-file-comment':
      return { path: 'comments', fields: [text('text', t('comment.text')), shareWith(of)] };
    case 'case-file-visit':
      return { path: 'visits', fields: [...visitFields(), shareWith(of)] };
    case 'case-file-interest':
      return {
        path: 'interests',
        fields: [{ kind: 'line', name: 'who', label: t('interest.who'), hint: t('interest.who_how') }, reason()],
      };
    case 'case-file-reply-offered':
      return { path: 'offers', fields: offerFields(of) };
    case 'case-file-reply':
      return { path: 'replies', fields: replyFields(of), initial: { party: only(askedOf(of)) } };
    case 'case-file-vote':
      return voteDeed(of, rules);
    case 'case-file-dissent':
      return {
        path: 'dissents',
        fields: [
          { kind: 'choice', name: 'member', label: t('dissent.member'), choices: memberChoices(of, rules) },
          {
            kind: 'choice',
            name: 'on',
            label: t('dissent.on'),
            choices: words('dissent_on', ['fact', 'attribution', 'breach', 'all']),
          },
          text('text', t('dissent.text')),
        ],
      };
    case 'case-file-remedy':
      return remedyDeed(of);
    case 'case-file-published':
      return {
        path: 'publications',
        fields: [
          {
            kind: 'choice',
            name: 'what',
            label: t('publish.what'),
            choices: words('publication', ['determination', 'progress', 'spot-report']),
          },
          {
            kind: 'several',
            name: 'names',
            label: t('publish.names'),
            hint: t('publish.names_how'),
            choices: actors(partiesOf(of)),
            optional: true,
          },
          text('text', t('publish.text'), t('publish.text_how')),
          {
            kind: 'text',
            name: 'safety_reason',
            label: t('publish.safety'),
            hint: t('publish.safety_how'),
            optional: true,
          },
        ],
      };
    case 'case-file-clock-stopped':
      return {
        path: 'clock/stop',
        fields: [
          {
            kind: 'choice',
            name: 'reason',
            label: t('deed.reason'),
            choices: words('stop', ['access-denied', 'unsafe', 'awaiting-evidence']),
          },
          { kind: 'choice', name: 'denied_by', label: t('stop.denied_by'), choices: partyChoices(), optional: true },
          text('note', t('deed.note')),
        ],
      };
    case 'case-file-clock-restarted':
      return { path: 'clock/restart', fields: [text('note', t('deed.note'))] };
    case 'case-file-shared':
      return {
        path: 'shares',
        fields: [
          {
            kind: 'several',
            name: 'positions',
            label: t('share.entries'),
            choices: of.history.map((act) => ({
              value: String(act.position),
              label: `${number(act.position)}: ${act.transition ? word('transition', act.transition) : word('entry', act.kind)}`,
            })),
          },
          { kind: 'several', name: 'share_with', label: t('deed.share_with'), choices: actors(partiesOf(of)) },
          reason(),
        ],
        told: (typed) => ({ ...typed, positions: (typed['positions'] as string[]).map(Number) }),
      };
    default:
      return null;
  }
}

function bodyOf(of: CaseFile, rules: Rules): Rules['bodies'][number] | undefined {
  const id = (of.draft ?? of.rulings.at(-1)?.determination)?.body_id;
  return rules.bodies.find((body) => body.id === id);
}

function memberChoices(of: CaseFile, rules: Rules): Choice[] {
  return (bodyOf(of, rules)?.members ?? []).map((member) => ({ value: member.id, label: member.name }));
}

function voteDeed(of: CaseFile, rules: Rules): Addition {
  const members = memberChoices(of, rules);
  return {
    path: 'votes',
    fields: [
      { kind: 'day', name: 'held_on', label: t('vote.held_on') },
      { kind: 'several', name: 'present', label: t('vote.present'), choices: members },
      {
        kind: 'group',
        name: 'ballots',
        label: t('vote.ballots'),
        hint: t('vote.ballots_how'),
        fields: members.map((member) => ({
          kind: 'choice' as const,
          name: member.value,
          label: member.label,
          choices: words('ballot', ['for', 'against', 'abstains']),
          optional: true,
        })),
      },
      text('minutes', t('vote.minutes')),
    ],
    told: (typed) => ({ ...typed, draft: of.draft?.position ?? 0 }),
  };
}

function remedyDeed(of: CaseFile): Addition {
  const remedies = of.rulings.findLast((ruling) => ruling.stands)?.determination?.remedies ?? [];
  return {
    path: 'remedies',
    fields: [
      {
        kind: 'choice',
        name: 'remedy',
        label: t('remedy.which'),
        choices: remedies.map((remedy, at) => ({ value: String(at), label: remedy.text })),
      },
      {
        kind: 'choice',
        name: 'state',
        label: t('remedy.state'),
        choices: words('obligation_state', ['performed', 'partly', 'not-performed', 'unverified']),
      },
      text('note', t('deed.note')),
    ],
    told: (typed) => ({ ...typed, remedy: Number(typed['remedy']) }),
  };
}
