/** What the limiter is asked and what it answers. */
import type { RunUsage } from '#shared/api';
import type { PlanName } from '#shared/plans';

/** What is asked of a key: a read, a request that changes something, or work. */
export type Kind = 'read' | 'request' | 'tool' | 'image' | 'run';

export type RateName =
  | 'requests'
  | 'units'
  | 'reads'
  | 'subject'
  | 'subject-reads'
  | 'app'
  | 'app-reads'
  | 'app-units';
export type PolicyName = RateName | 'runs' | 'day' | 'month' | 'token-runs' | 'token-units';

/** One limit as it stands. `windowS` is absent for what is counted at a time. */
export type Meter = {
  readonly name: PolicyName;
  readonly quota: number;
  readonly windowS?: number;
  readonly remaining: number;
  /** Until more is there: the whole quota, or after a refusal as much as was asked for. */
  readonly resetS: number;
};

export type Ask = {
  readonly keyId: string;
  readonly account: string;
  readonly plan: PlanName;
  readonly kind: Kind;
  /** The most that it can cost; settled by what it did cost. */
  readonly units: number;
  /** Of a run: how long its place is held at most. */
  readonly leaseMs?: number;
  readonly client?: Client;
  /** The run that it begins unless it means an earlier one. */
  readonly run?: string;
  /** Of a run whose request names no key by which a repetition would be known. */
  readonly asked?: Asked;
};

export type Asked = {
  /** The same for a request and its repetitions, and for no other request of the key. */
  readonly request: string;
  readonly means: Meaning;
};

/**
 * Which earlier run of the same request a request may mean: none, the latest one, one whose client left before its
 * answer, or beside that one whose answer may have been lost on its way.
 */
export type Meaning = 'none' | 'latest' | 'abandoned' | 'abandoned-or-lost';

export type Client = {
  readonly tokenId?: string;
  /** Whose rate it is. */
  readonly subject: string;
  /** Of an app that its issuer attests: the caps of its token, of which nobody told the limiter before. */
  readonly attested?: AttestedCaps;
};

export type AttestedCaps = {
  readonly maxRuns: number;
  readonly maxUnits: number;
  /** Of all tokens of the issuer together. */
  readonly unitsPerDay: number;
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAt: number;
};

/** What was admitted, to be settled later. Plain data: it is stored with the run. */
export type Lease = {
  readonly id: string;
  readonly keyId: string;
  readonly account: string;
  readonly plan: PlanName;
  readonly kind: Kind;
  readonly units: number;
  readonly at: number;
  readonly tokenId?: string;
  readonly appUnitsPerDay?: number;
};

/** What it used in the end; `nothing` takes the whole admission back. */
export type Spent = 'nothing' | Readonly<RunUsage>;

export type Decision =
  | {
      readonly ok: true;
      readonly lease: Lease;
      readonly meters: readonly Meter[];
      /** The earlier run that is meant: nothing but a look at it was booked. */
      readonly earlier?: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'rate' | 'quota' | 'token';
      readonly violated: readonly PolicyName[];
      readonly retryAfterMs: number;
      readonly meters: readonly Meter[];
    };
