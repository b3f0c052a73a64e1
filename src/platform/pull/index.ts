export { PullState1700000004000 } from './migrations/1700000004000-pull-state.js';
export { PostgresPulls1700000104000 } from './migrations/postgres/1700000104000-pulls.js';
export type { PullDue, PullSchedule, PullTurn } from './pull-schedule.js';
export { PostgresPullSchedule } from './pull-schedule.postgres.js';
export { PullService, type PullServiceOptions, pullTurnPrefix } from './pull-service.js';
export type { PullContext, PullSink } from './pull-sink.js';
export { type PullRefusal, type PullState, type PullStateStore, SqlitePullStateStore, TurnLost } from './pull-state.js';
export { PostgresPullStateStore } from './pull-state.postgres.js';
