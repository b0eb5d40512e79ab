import { useNavigate, useParams } from '@tanstack/react-router';
import { ArrowRight, Keyboard, Monitor, Moon, PanelLeft, SquarePen, Sun } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Command } from '@/components/ui/command-list';
import { useConversationMenu } from '@/features/conversations/actions';
import { Palette } from '@/features/palette/palette';
import { useTranscript } from '@/features/transcript/api';
import type { Permission } from '@/lib/api/identity-types';
import { may, useMe } from '@/lib/api/me';
import { MOD } from '@/lib/keys';
import '@/lib/i18n-identity';
import '@/lib/i18n-knowledge';
import { useTheme } from '@/lib/theme';
import { toggleList, useUi } from '@/lib/ui-store';

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon } as const;

/** Where a signed-in user may go, by what they may see there. */
const PLACES: readonly (readonly [to: string, label: string, needs: Permission | null])[] = [
  ['/settings', 'settings.title', null],
  ['/workspace', 'workspace.title', null],
  ['/chatbots', 'chatbots.title', 'chatbots:read'],
  ['/collections', 'collections.title', 'collections:read'],
  ['/collections/search', 'retrieval.title', 'collections:read'],
  ['/prompts', 'prompts.title', 'prompts:read'],
  ['/users', 'users.installation', 'users:read'],
];

/** The palette with the commands of the whole page. */
export default function AppPalette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { conversationId } = useParams({ strict: false });
  const conversation = useTranscript(conversationId ?? null).data?.conversation ?? null;
  const menu = useConversationMenu();
  const { choice, choose } = useTheme();
  const me = useMe().data;
  const commands = useMemo((): Command[] => {
    const icon = 'size-4';
    const themes = (['light', 'dark', 'system'] as const).filter((theme) => theme !== choice);
    const places = PLACES.filter(([, , needs]) => me && (needs === null || may(me, needs)));
    const ofConversation = conversation === null ? [] : menu(conversation);
    return [
      {
        id: 'new',
        label: t('conversations.new'),
        icon: <SquarePen aria-hidden className={icon} />,
        hint: `${MOD} Shift O`,
        run: () => void navigate({ to: '/' }),
      },
      ...ofConversation.map((item) => ({
        id: item.label,
        label: t('palette.this', { action: item.label }),
        icon: item.icon,
        run: item.run,
      })),
      ...places.map(([to, label]) => ({
        id: to,
        label: t('palette.go', { place: t(label) }),
        icon: <ArrowRight aria-hidden className={icon} />,
        run: () => void navigate({ to }),
      })),
      ...themes.map((theme) => {
        const Icon = THEME_ICONS[theme];
        return {
          id: `theme-${theme}`,
          label: t('palette.theme', { theme: t(`theme.${theme}`) }),
          icon: <Icon aria-hidden className={icon} />,
          run: () => choose(theme),
        };
      }),
      {
        id: 'list',
        label: t('shell.toggleList'),
        icon: <PanelLeft aria-hidden className={icon} />,
        hint: `${MOD} B`,
        run: toggleList,
      },
      {
        id: 'shortcuts',
        label: t('shortcuts.title'),
        icon: <Keyboard aria-hidden className={icon} />,
        hint: '?',
        run: () => useUi.setState({ shortcuts: true }),
      },
    ];
  }, [t, navigate, menu, conversation, me, choice, choose]);
  return (
    <Palette
      commands={commands}
      onClose={() => useUi.setState({ palette: false })}
      onOpenConversation={(id) =>
        void navigate({ to: '/c/$conversationId', params: { conversationId: id } })
      }
    />
  );
}
