export { type AdminAppOptions, createAdminApp, type StaticPage } from './admin-app.js';
export { type AdminServer, listenAdmin } from './admin-server.js';
export { AdminTokenCheck, type AdminTokenFile, loadAdminToken } from './admin-token.js';
export type {
  BacktestView,
  DataExportsView,
  DataKeyView,
  HistoryTaken,
  HistoryView,
  NewDataKeyView,
  NewHistoryItem,
} from './ev-data-views.js';
export { partnerView, timeOf, timeOrNull } from './partner-view.js';
export type * from './ports.js';
export { AdminProblem, conflict, invalidRequest, partnerFailed, unknownThing } from './problem.js';
export { adminRoutes } from './routes/index.js';
export type {
  AgreementView,
  AuditEntryView,
  DecisionView,
  InviteView,
  LaneView,
  MessagesView,
  MessageView,
  NewInviteView,
  ParkedView,
  PartnerView,
  PartyView,
  PullView,
  QualityView,
} from './views.js';
