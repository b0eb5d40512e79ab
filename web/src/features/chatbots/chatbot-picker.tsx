import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import '@/lib/i18n-identity';
import { ChevronDown } from 'lucide-react';
import { Menu } from '@/components/ui/menu';
import type { Chatbot } from '@/lib/api/identity-types';
import { useChatbots } from './api';
import { useChosenChatbot } from './choice';

function choose({ id, is_default, settings }: Chatbot) {
  useChosenChatbot.setState({
    id: is_default ? null : id,
    greeting: settings.greeting ?? null,
  });
}

/** Which chatbot answers; nothing where there is only the default one. */
export default function ChatbotPicker() {
  const { t } = useTranslation();
  const chatbots = useChatbots().data;
  const id = useChosenChatbot((choice) => choice.id);
  const chosen = chatbots?.find((chatbot) =>
    id === null ? chatbot.is_default : chatbot.id === id,
  );
  useEffect(() => {
    // One that is gone, or not the reader's any more, gives way to the default one.
    const meant = chosen ?? chatbots?.find((chatbot) => chatbot.is_default);
    if (meant) choose(meant);
  }, [chosen, chatbots]);
  if (!chatbots || chatbots.length < 2) return null;
  const name = chosen?.name ?? '';
  return (
    <Menu
      label={t('chatbots.title')}
      side="top"
      align="start"
      items={chatbots.map((chatbot) => ({
        label: chatbot.name,
        checked: chatbot === chosen,
        run: () => choose(chatbot),
      }))}
      trigger={
        <button
          type="button"
          aria-label={t('chatbots.choose', { name })}
          className="inline-flex h-8 min-w-0 items-center gap-1.5 rounded-control px-2 text-ink-2 text-sm transition-colors duration-[120ms] hover:bg-hover hover:text-ink touch:h-11"
        >
          <span className="max-w-32 truncate">{name}</span>
          <ChevronDown aria-hidden className="size-3.5 shrink-0" />
        </button>
      }
    />
  );
}
