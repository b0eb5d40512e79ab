import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/lib/i18n-knowledge';
import { SignedIn } from '@/components/identity/signed-in';
import { Button } from '@/components/ui/button';
import { Confirm } from '@/components/ui/confirm';
import { Loaded } from '@/components/ui/loaded';
import { Page, Section } from '@/components/ui/page';
import { Refusal } from '@/components/ui/refusal';
import { Tag } from '@/components/ui/rows';
import { useChatbot, useDeleteChatbot, useMayEdit, useSaveChatbot } from '@/features/chatbots/api';
import { ChatbotForm } from '@/features/chatbots/chatbot-form';
import { ChatbotSharing } from '@/features/chatbots/sharing';
import { TryOut } from '@/features/chatbots/try-out';
import { Versions } from '@/features/chatbots/versions';
import { useModels } from '@/features/models/api';
import { useCollectionChoice } from '@/lib/api/collections';
import type { Chatbot, Me } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';

/** A chatbot: what it is made of at the left, and a chat with just that at the right. */
export function ChatbotEditor() {
  const { t } = useTranslation();
  const { chatbotId = '' } = useParams({ strict: false });
  const chatbot = useChatbot(chatbotId);
  return (
    <Page wide title={chatbot.data?.name ?? t('chatbots.title')}>
      <SignedIn>
        {(me) => (
          <Loaded query={chatbot}>
            {(data) => <Editor key={data.id} me={me} chatbot={data} />}
          </Loaded>
        )}
      </SignedIn>
    </Page>
  );
}

function Editor({ me, chatbot }: { me: Me; chatbot: Chatbot }) {
  const { t } = useTranslation();
  const models = useModels().data?.items ?? [];
  const collections = useCollectionChoice();
  const [settings, setSettings] = useState(chatbot.settings);
  // Going back to a version makes a new one: the form begins anew from it.
  const [begun, setBegun] = useState(0);
  const beginAnew = (from: Chatbot) => {
    setSettings(from.settings);
    setBegun(begun + 1);
  };
  const fixed = !useMayEdit(me, chatbot);
  // Who it is for, and its standing, are not for those with whom it is shared to be changed.
  const manages = may(me, 'chatbots:write');
  return (
    <div className="grid gap-8 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <div className="min-w-0">
        <Section title={t('chatbots.settings')} text={fixed ? t('chatbots.fixed') : undefined}>
          <ChatbotForm
            key={begun}
            chatbot={chatbot}
            models={models}
            collections={collections}
            fixed={fixed}
            onSettings={setSettings}
          />
        </Section>
        <Section title={t('versions.title')} text={t('versions.text')}>
          <Versions chatbot={chatbot} fixed={fixed} onRolledBack={beginAnew} />
        </Section>
        <Section title={t('sharingOf.title')} text={t('sharingOf.text')}>
          <ChatbotSharing me={me} chatbot={chatbot} fixed={!manages} />
        </Section>
        {manages && <Standing chatbot={chatbot} />}
      </div>
      {!fixed && (
        <div className="xl:sticky xl:top-0 xl:h-[calc(100dvh-6rem)] [&>section]:h-full">
          <TryOut chatbotId={chatbot.id} settings={settings} />
        </div>
      )}
    </div>
  );
}

/** Whether it answers where no other is chosen, and its end. */
function Standing({ chatbot }: { chatbot: Chatbot }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const save = useSaveChatbot(chatbot.id);
  const remove = useDeleteChatbot();
  const [asking, setAsking] = useState(false);
  if (chatbot.is_default) {
    return (
      <Section title={t('chatbots.default')} text={t('chatbots.defaultText')}>
        <Tag tone="accent">{t('chatbots.default')}</Tag>
      </Section>
    );
  }
  return (
    <Section title={t('chatbots.standing')} text={t('chatbots.standingText')}>
      <div className="flex flex-wrap gap-2">
        <Button aria-disabled={save.isPending} onClick={() => save.mutate({ is_default: true })}>
          {t('chatbots.makeDefault')}
        </Button>
        <Button look="danger" onClick={() => setAsking(true)}>
          {t('chatbots.delete')}
        </Button>
      </div>
      <Refusal error={save.error} className="mt-3" />
      {asking && (
        <Confirm
          title={t('chatbots.deleteTitle', { name: chatbot.name })}
          text={t('chatbots.deleteText')}
          action={t('chatbots.delete')}
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            remove.mutate(chatbot.id, { onSuccess: () => void navigate({ to: '/chatbots' }) })
          }
        />
      )}
    </Section>
  );
}
