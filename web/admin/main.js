// The back office: its sections, and who may enter which.
import { ask } from '../player/session/api.js';
import { audit } from './audit.js';
import { analytics } from './analytics.js';
import { billing } from './billing.js';
import { catalogue } from './catalogue.js';
import { claim, claims } from './claims.js';
import { errors } from './errors.js';
import { frame } from './frame.js';
import { jobs } from './jobs.js';
import { moderation, moderationCase } from './moderation.js';
import { overview } from './overview.js';
import { slow } from './slow.js';
import { storage } from './storage.js';
import { user, users } from './users.js';

const MODERATION = [['#/moderation', moderation, '#/moderation', 'Moderation'], ['#/moderation/([^/]+)', moderationCase, null, 'A case'],
  ['#/claims', claims, '#/claims', 'Claims'], ['#/claims/([^/]+)', claim, null, 'A claim']];
const ADMIN = [
  ['#/', overview, '#/', 'Overview'], ['#/users', users, '#/users', 'Users'], ['#/users/([^/]+)', user, null, 'A user'],
  ['#/catalogue', catalogue, '#/catalogue', 'Catalogue'], ['#/jobs', jobs, '#/jobs', 'Imports and jobs'], ...MODERATION,
  ['#/billing', billing, '#/billing', 'Billing'], ['#/analytics(?:/([^/]+))?', analytics, '#/analytics', 'Analytics'],
  ['#/storage', storage, '#/storage', 'Storage and cache'], ['#/slow', slow, '#/slow', 'Slow queries'],
  ['#/errors', errors, '#/errors', 'Error log'], ['#/audit', audit, '#/audit', 'Audit log'],
];
const KEPT_OUT = ['DENIED', 'UNAUTHENTICATED'];

async function allowed() {
  try { await ask('{ adminHealth { version } }'); return ADMIN; } catch (error) { if (!KEPT_OUT.includes(error.code)) throw error; }
  try { await ask('{ moderationQueue(first: 1) { totalCount } }'); return MODERATION; } catch (error) { if (!KEPT_OUT.includes(error.code)) throw error; }
  return [];
}

frame({ title: 'Back office', allowed, refused: 'This page is for the people who keep this house. Your account is not one of theirs.' });
