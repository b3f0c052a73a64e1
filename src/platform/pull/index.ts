export { PullState1700000004000 } from './migrations/1700000004000-pull-state.js';
export { PullService, type PullServiceOptions } from './pull-service.js';
export type { PullContext, PullSink } from './pull-sink.js';
export { type PullRefusal, type PullState, type PullStateStore, SqlitePullStateStore } from './pull-state.js';
