/** Records of casework as the pages use them. What is not for the one who asks is left out by the server. */

import type {
  CaseEvidence,
  CaseFileList,
  CaseFileRow,
  CaseFileView,
  CaseworkView,
  ConflictView,
  DraftView,
  FieldView,
  NoticeList,
  RulingView,
  SideRow,
  SymmetryTable,
  VoteView,
} from '../api/types';

/** The description says that any field may be withheld; these pages are shown to nobody from whom these are. */
export type Told<T> = T extends readonly (infer One)[]
  ? Told<One>[]
  : T extends object
    ? { [Name in keyof T]-?: Told<T[Name]> }
    : T;

/** Only the mission is told these. */
type ForMission = 'conflicts' | 'draft' | 'draft_signed_by' | 'draft_vote' | 'grade_reason' | 'interests';
type Whole = Told<CaseFileView>;

export type CaseFile = Omit<Whole, ForMission> & Partial<Pick<Whole, ForMission>>;
export type Row = Told<CaseFileRow>;
export type Rows = Told<CaseFileList>;
export type Rules = Told<CaseworkView>;
export type Evidence = Omit<Told<CaseEvidence>, 'incidents' | 'findings' | 'reports'> &
  Required<Pick<CaseEvidence, 'incidents' | 'findings' | 'reports'>>;
export type Conflict = Told<ConflictView>;
export type FieldTold = Told<FieldView>;
export type Draft = Told<DraftView>;
export type Ruling = Told<RulingView>;
export type Vote = Told<VoteView>;
export type Notices = Told<NoticeList>;
export type Notice = Notices['notices'][number];
export type Symmetry = Told<SymmetryTable>;
export type Side = Told<SideRow>;
export type Open = CaseFile['transitions'][number];

/** The value of one field; null: it was not given. */
export function valueOf(of: CaseFile, name: string): string | readonly string[] | null {
  return of.fields.find((field) => field.name === name)?.value ?? null;
}

/** The ids that a field links. */
export function linked(of: CaseFile, name: string): readonly string[] {
  const value = valueOf(of, name);
  return Array.isArray(value) ? (value as string[]) : [];
}

/** Everybody whom a case file concerns, once each. */
export function partiesOf(of: CaseFile): string[] {
  const asked = of.replies.map((reply) => reply.party);
  return [...new Set([...(of.row.filed_by ? [of.row.filed_by] : []), ...of.row.accused, ...asked])];
}
