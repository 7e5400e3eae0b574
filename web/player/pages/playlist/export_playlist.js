// A playlist as a file for other players.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { openDialog } from '../../parts/dialog.js';
import { icon } from '../../parts/icon.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';

const EXPORT = 'query($id: ID!, $format: PlaylistFormat) { exportPlaylist(playlistId: $id, format: $format) { fileName contentType text } }';

async function save(id, format, close) {
  try {
    const { exportPlaylist: file } = await ask(EXPORT, { id, format });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([file.text], { type: file.contentType }));
    link.download = file.fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    close(true);
  } catch (error) { notice(error.message); }
}

export const exportPlaylist = ({ id, name }) => openDialog({ title: t('playlist.export-title', { name }), draw: (close) => html`<p>${t('playlist.export-why')}</p>
  <p class="dialog-acts">${[['M3U8', 'M3U8'], ['JSPF', 'JSPF']].map(([format, words]) => html`<button class="button main" @click=${() => save(id, format, close)}>${icon('down-file')}${words}</button>`)}</p>` });
