/** Records of the first page. They are asked for by nobody from whom these fields are withheld. */

import type { AccessLog, Calendar, Home, RegisterList } from '../api/types';

type Told<T> = T extends readonly (infer One)[]
  ? Told<One>[]
  : T extends object
    ? { [Name in keyof T]-?: Told<T[Name]> }
    : T;

export type HomeTold = Told<Home>;
export type OwnTold = NonNullable<HomeTold['own']>;
export type CaseRow = HomeTold['overdue'][number];
export type ReplyClock = HomeTold['reply_clocks'][number];
export type AccessTold = Told<AccessLog>;
export type RegistersTold = Told<RegisterList>;
export type Due = Calendar['due'][number];
