/** The records that the server answers with, by the names that its description gives them. */

import type { components } from './schema';

type Schemas = components['schemas'];

export type CaseView = Schemas['CaseView'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type IncidentRow = Schemas['IncidentRow'];
export type Account = Schemas['Account'];
export type Comparison = Schemas['Comparison'];
export type FindingView = Schemas['FindingView'];
export type Tolls = Schemas['Tolls'];
export type Toll = Schemas['Toll'];
export type AreasOfDay = Schemas['AreasOfDay'];
export type ActorDetail = Schemas['ActorDetail'];
export type Actors = Schemas['Actors'];
export type AreaWeek = Schemas['AreaWeek'];
export type CoverageOnRecord = Schemas['CoverageOnRecord'];
export type Dated = Schemas['Dated'];
export type Measures = Schemas['Measures'];
export type ObligationView = Schemas['ObligationView'];
export type Obligations = Schemas['Obligations'];
export type Posts = Schemas['Posts'];
export type Talks = Schemas['Talks'];
export type Tie = Schemas['Tie'];
export type IncidentPage = Schemas['IncidentPage'];
export type SessionView = Schemas['SessionView'];
export type FactorOffered = Schemas['FactorOffered'];
export type RecoveryCodes = Schemas['RecoveryCodes'];
export type AccountView = Schemas['AccountView'];
export type AccountList = Schemas['AccountList'];
export type AccountDetail = Schemas['AccountDetail'];
export type PasswordIssued = Schemas['PasswordIssued'];
export type News = Schemas['News'];
export type CitedSources = Schemas['CitedSources'];
export type CoverageView = Schemas['CoverageView'];
