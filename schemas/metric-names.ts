/** The names under which Sluice counts, and the closed set of ways a frame can end. */

/**
 * Terminal outcomes of a frame: every frame offered ends in exactly one. The words are the metric label; their
 * order is the order of the counters, so it is only ever appended to.
 */
export const OUTCOMES = [
  'rejected_session',
  'rejected_user',
  'rejected_room',
  'rejected_tenant',
  'rejected_gateway',
  'rejected_overload',
  'rejected_credit',
  'rejected_penalty',
  'rejected_consent',
  'rejected_residency',
  'evicted_stale',
  'evicted_overflow',
  'evicted_ladder',
  'merged',
  'delivered',
  'undeliverable',
  'failed',
  'malformed',
  'unauthorised',
] as const;
export type OutcomeName = (typeof OUTCOMES)[number];

/** Index of each outcome in `OUTCOMES` and in the counters. */
export const Outcome = Object.fromEntries(OUTCOMES.map((name, index) => [name, index])) as Readonly<
  Record<OutcomeName, number>
>;

/** Prometheus names. Units are in the names; labels in the comments. */
export const Metric = {
  framesTotal: 'sluice_frames_total', // plane, class, outcome
  offeredTotal: 'sluice_offered_total', // plane, class
  queuedFrames: 'sluice_queued_frames', // plane, class
  conservationResidual: 'sluice_conservation_residual', // plane, class: offered − outcomes − queued, always 0
  admittedTotal: 'sluice_admitted_total', // plane, class
  bytesTotal: 'sluice_bytes_total', // plane, class, direction
  deliveriesTotal: 'sluice_deliveries_total', // class
  writesTotal: 'sluice_writes_total', // plane
  finalsTotal: 'sluice_finals_total', // state: received | delivered
  setupSeconds: 'sluice_setup_seconds', // outcome
  gatewaySeconds: 'sluice_gateway_seconds', // class
  tierSeconds: 'sluice_tier_seconds', // plane, tier: set-ups in control, frames in metadata
  captionStalenessSeconds: 'sluice_caption_staleness_seconds',
  bufferedBytes: 'sluice_buffered_bytes', // plane
  memoryBytes: 'sluice_memory_bytes', // plane, worker, kind: resident | heap | external
  held: 'sluice_held', // of: room_log | room_live | subscriber_unacked; how many there are
  heldBytes: 'sluice_held_bytes', // of: all together
  heldLargestBytes: 'sluice_held_largest_bytes', // of: the one that takes most
  heldLimitBytes: 'sluice_held_limit_bytes', // of: what the configuration lets each have
  sessions: 'sluice_sessions', // plane, kind
  loopDelaySeconds: 'sluice_loop_delay_seconds', // plane, worker, quantile
  ladderLevel: 'sluice_ladder_level',
  breakerState: 'sluice_breaker_state', // node, class: 0 closed, 1 half open, 2 open
  disconnectsTotal: 'sluice_disconnects_total', // plane, code
  handshakesTotal: 'sluice_handshakes_total', // plane, result
  planeRestartsTotal: 'sluice_plane_restarts_total', // plane, worker
  nodeSessions: 'sluice_node_sessions', // node
  nodeLoad: 'sluice_node_load', // node
  planeUp: 'sluice_plane_up', // plane, worker: 1 while the plane reports
  policyVersion: 'sluice_policy_version', // plane, worker
  leaseShare: 'sluice_lease_share', // worker, class: the part of the gateway's limit a metadata worker may use
  policyChangesTotal: 'sluice_policy_changes_total',
  policyReloadFailuresTotal: 'sluice_policy_reload_failures_total',
} as const;
