import { useTranslation } from 'react-i18next';
import { Needs, SignedIn } from '@/components/identity/signed-in';
import { Page, Section } from '@/components/ui/page';
import { ChatbotList } from '@/features/chatbots/chatbot-list';

export function Chatbots() {
  const { t } = useTranslation();
  return (
    <Page title={t('chatbots.title')}>
      <SignedIn>
        {(me) => (
          <Needs me={me} permission="chatbots:read">
            <Section title={t('chatbots.title')} text={t('chatbots.text')}>
              <ChatbotList me={me} />
            </Section>
          </Needs>
        )}
      </SignedIn>
    </Page>
  );
}
