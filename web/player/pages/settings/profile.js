// What others see of somebody, and what the house knows of them.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { language, t } from '../../language/language.js';
import { cover } from '../../parts/cover.js';
import { form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';

const ME = '{ me { id username firstName lastName bio birthDate country profileImage profileVisibility } }';
const UPDATE = `mutation($firstName: String, $lastName: String, $bio: String, $birthDate: Date, $country: String, $profileVisibility: ProfileVisibility) {
  updateProfile(firstName: $firstName, lastName: $lastName, bio: $bio, birthDate: $birthDate, country: $country, profileVisibility: $profileVisibility) { user { id } } }`;
const PICTURE = 'mutation($image: String!) { updateProfile(profileImage: $image) { user { profileImage } } }';
const VISIBILITIES = ['EVERYONE', 'FOLLOWERS', 'ONLY_ME'];
const MOST_BYTES = 8e6;

// Countries by their names in the reader's language; the codes are those that a browser knows a name for.
function countries() {
  const names = new Intl.DisplayNames(language.value, { type: 'region', fallback: 'none' }), letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const known = letters.flatMap((one) => letters.map((other) => one + other)).filter((code) => !/^(AA|Q[M-Z]|X[A-JL-Z]|ZZ|EU|EZ|UN|UK)$/.test(code) && names.of(code));
  return [['', '–'], ...known.map((code) => [code, names.of(code)]).sort(([, one], [, other]) => one.localeCompare(other, language.value))];
}

export async function load({ abort }) {
  const { me } = await ask(ME, {}, { abort });
  const picture = signal(me.profileImage);
  const draw = form({
    id: 'profile', button: t('settings.save'),
    fields: [
      { name: 'firstName', words: t('settings.first-name'), value: me.firstName, complete: 'given-name', max: 150, empty: '' },
      { name: 'lastName', words: t('settings.last-name'), value: me.lastName, complete: 'family-name', max: 150, empty: '' },
      { name: 'bio', words: t('settings.bio'), type: 'area', value: me.bio, max: 500, empty: '', hint: t('settings.bio-why') },
      { name: 'birthDate', words: t('settings.birth-date'), type: 'date', value: me.birthDate, complete: 'bday', hint: t('settings.birth-date-why') },
      { name: 'country', words: t('settings.country'), type: 'select', value: me.country ?? '', options: countries() },
      { name: 'profileVisibility', words: t('settings.visible'), type: 'select', value: me.profileVisibility, options: VISIBILITIES.map((one) => [one, t(`settings.to-${one.toLowerCase().replace('_', '-')}`)]) },
    ],
    act: async (values) => { await ask(UPDATE, values); notice(t('frame.saved')); },
  });
  return { me, picture, draw };
}

async function choosePicture({ target }, picture) {
  const [file] = target.files;
  target.value = '';
  if (!file) return;
  if (file.size > MOST_BYTES) { notice(t('settings.picture-large')); return; }
  const reader = new FileReader();
  reader.onload = async () => {
    try {
      const { updateProfile: { user } } = await ask(PICTURE, { image: reader.result });
      picture.value = user.profileImage;
      notice(t('frame.saved'));
    } catch (error) { notice(error.message); }
  };
  reader.readAsDataURL(file);
}

export const view = ({ me, picture, draw }) => html`
  <div class="portrait">${cover(picture.value, 112, { round: true, alt: t('settings.your-picture') })}
    <div><a class="quiet" href="/user/${encodeURIComponent(me.username)}">${t('settings.public-page', { name: me.username })}</a>
      <p><input class="file" id="picture" type="file" accept="image/png,image/jpeg,image/webp" @change=${(event) => choosePicture(event, picture)}><label class="button" for="picture">${t('settings.choose-picture')}</label></p></div></div>
  ${draw()}`;
