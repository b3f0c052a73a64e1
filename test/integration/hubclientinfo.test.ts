import { describeClientInfo } from './hubclientinfo-cases.js';

describeClientInfo('SQLite', async () => ({}));
