// The door of an invitation: coming into a playlist by a link's token.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { empty } from '../../parts/empty.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';
import { go } from '../../frame/router.js';

async function join(token) {
  try {
    const { joinPlaylist } = await ask('mutation($token: String!) { joinPlaylist(token: $token) { playlist { slug } } }', { token });
    go(`/playlist/${joinPlaylist.playlist.slug}`, { replace: true });
  } catch (error) { notice(error.message); }
}

export const page = {
  areas: ['playlist'],
  needs: 'listener',
  skeleton: 'text',
  load: async ({ params }) => params.token,
  title: () => t('playlist.join'),
  view: (token) => html`${empty({ sign: 'people', title: t('playlist.join'), words: t('playlist.join-why'), act: [() => join(token), t('playlist.join-act')] })}`,
};
