import { useTranslation } from 'react-i18next';
import { Sharing } from '@/components/identity/sharing';
import type { Chatbot, Me } from '@/lib/api/identity-types';
import { chatbotPath, useSaveChatbot } from './api';

interface ChatbotSharingProps {
  me: Me;
  chatbot: Chatbot;
  fixed: boolean;
}

/** Who may use a chatbot, and who may change it. */
export function ChatbotSharing({ me, chatbot, fixed }: ChatbotSharingProps) {
  const { t } = useTranslation();
  const save = useSaveChatbot(chatbot.id);
  return (
    <Sharing
      me={me}
      path={chatbotPath(chatbot.id)}
      visibility={chatbot.visibility}
      onVisibility={(visibility) => save.mutate({ visibility })}
      bound={chatbot.is_default ? t('sharingOf.defaultHint') : null}
      fixed={fixed}
      busy={save.isPending}
      error={save.error}
    />
  );
}
