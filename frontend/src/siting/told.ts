/** Records of siting. They are asked for by nobody from whom these fields are withheld. */

import type { CurveView, PatrolsDrawn, SitingChoices, SitingCompared, SitingView } from '../api/types';

type Told<T> = T extends readonly (infer One)[]
  ? Told<One>[]
  : T extends object
    ? { [Name in keyof T]-?: Told<T[Name]> }
    : T;

export type ChoicesTold = Told<SitingChoices>;
export type SitingTold = Told<SitingView>;
export type CurveTold = Told<CurveView>;
export type ComparedTold = Told<SitingCompared>;
export type PatrolsTold = Told<PatrolsDrawn>;
export type PlanTold = ChoicesTold['plans'][number];
export type PostTold = SitingTold['posts'][number];
export type ShareTold = NonNullable<SitingTold['seen']>;
export type LeftOutTold = SitingTold['left_out'][number];
export type ContradictionTold = SitingTold['conflict'][number];
export type StepTold = CurveTold['steps'][number];
export type PatrolTold = PatrolsTold['patrols'][number];
