import { openSqlite } from './storage-under-test.js';
import { describeTariffStore } from './tariff-store-contract.js';

describeTariffStore('SQLite', openSqlite);
