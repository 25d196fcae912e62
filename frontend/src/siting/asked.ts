/** What is asked of a siting: from the address to the question that is sent. No position is ever in it. */

import type { SitingQuestion } from '../api/types';
import { isDay, SITING, type SitingAsked } from '../state/address';
import type { ChoicesTold, PlanTold } from './told';

const FIRST_OBJECTIVE = 'events';

/** The question that an address asks; what cannot be read is left to the plan. */
export function questionOf(asked: SitingAsked): SitingQuestion {
  const posts = positive(asked.posts);
  const range = positive(asked.range);
  const grid = positive(asked.grid);
  const ahead = positive(asked.ahead);
  const worst = positive(asked.worst);
  return {
    objective: asked.see ?? FIRST_OBJECTIVE,
    ...(asked.plan ? { plan: asked.plan } : {}),
    ...(posts !== null && Number.isInteger(posts) ? { posts } : {}),
    ...(range !== null ? { range_km: range } : {}),
    ...(grid !== null ? { grid_km: grid } : {}),
    ...(asked.over ? { zone: asked.over } : {}),
    ...(asked.line ? { line: asked.line } : {}),
    ...(isDay(asked.first ?? '') ? { first_day: asked.first as string } : {}),
    ...(ahead !== null && Number.isInteger(ahead) ? { from_outlook: ahead } : {}),
    ...(worst !== null && worst <= 1 ? { worst_share: worst } : {}),
    ...(isDay(asked.last ?? '') ? { last_day: asked.last as string } : {}),
  };
}

/** What a form says, as an address holds it: what is empty is left out. */
export function askedOf(
  said: Readonly<Record<(typeof SITING)[number], string | number | null | undefined>>,
): SitingAsked {
  const asked: SitingAsked = {};
  for (const name of SITING) {
    const value = said[name];
    if (value !== null && value !== undefined && value !== '') asked[name] = String(value);
  }
  return asked;
}

/** The plan that a question is under: the one named, or the only one of the case. */
export function planOf(choices: ChoicesTold, asked: SitingAsked): PlanTold | null {
  if (asked.plan) return choices.plans.find((plan) => plan.plan_id === asked.plan) ?? null;
  return choices.plans.length === 1 ? (choices.plans[0] ?? null) : null;
}

/** Whether a question says enough to be asked: it is under a plan, or says what a plan would. */
export function isWhole(choices: ChoicesTold, asked: SitingAsked): boolean {
  if (asked.plan || planOf(choices, asked)) return true;
  const { posts, range_km, grid_km } = questionOf(asked);
  return posts !== undefined && range_km !== undefined && grid_km !== undefined;
}

function positive(text: string | undefined): number | null {
  const value = Number(text ?? '');
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : null;
}
