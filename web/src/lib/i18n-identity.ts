// The words of the screens about people, workspaces and chatbots. They come with those screens: the
// chat does without.
import identity from '@/locales/identity.json';
import { i18n } from './i18n';

i18n.addResourceBundle('en', 'translation', identity, true);
