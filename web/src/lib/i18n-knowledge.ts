// The words of the screens about collections. They come with those screens.
import knowledge from '@/locales/knowledge.json';
import { i18n } from './i18n';

i18n.addResourceBundle('en', 'translation', knowledge, true);
