import { m } from '../../i18n/generated/messages.js';

/** The words that the tables of the fleet share. */
export const adminTexts = () => ({
  loading: m.fleet_loading(),
  offline: m.fleet_offline_title(),
  offlineDetail: m.fleet_offline_detail(),
  failed: m.fleet_failed(),
  retry: m.fleet_retry(),
});
