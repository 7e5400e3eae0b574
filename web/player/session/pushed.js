// Where a pushed notification leads: `/?open=kind:id`, in a window that was there or a new one.
import { go } from '../frame/router.js';
import { t } from '../language/language.js';
import { notice } from '../parts/notice.js';
import { placeOf } from './places.js';
import { person } from './session.js';

export async function openPushed(address) {
  const url = new URL(address, location.origin), [kind, id] = (url.searchParams.get('open') ?? '').split(':'), room = url.searchParams.get('room');
  if (room) { go(`/room/${room}`, { replace: true }); return; }
  if (!id || !person.value) return;
  try {
    const where = await placeOf(kind, id);
    if (where) go(where, { replace: true }); else notice(t('frame.gone'));
  } catch (error) { notice(error.message); }
}
