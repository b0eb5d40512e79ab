import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { SignedIn } from '@/components/identity/signed-in';
import { Tabs } from '@/components/identity/tabs';
import { Loaded } from '@/components/ui/loaded';
import { Page, Section } from '@/components/ui/page';
import { ApiKeys } from '@/features/api-keys/api-keys';
import { useProfile } from '@/features/me/api';
import { OwnData } from '@/features/me/own-data';
import { PasswordForm } from '@/features/me/password-form';
import { AboutForm, IdentityForm } from '@/features/me/profile-form';
import { SecondFactor } from '@/features/me/second-factor';
import { SignIns } from '@/features/me/sign-ins';
import type { Me } from '@/lib/api/identity-types';
import { useAuthStatus } from '@/lib/api/me';

const PARTS = ['profile', 'security', 'sessions', 'keys', 'data'] as const;

/** What is the signed-in user's own. */
export default function SettingsScreen() {
  const { t } = useTranslation();
  const { part: asked } = useParams({ strict: false });
  const part = PARTS.find((name) => name === asked) ?? 'profile';
  return (
    <Page
      title={t('settings.title')}
      tabs={
        <Tabs
          label={t('settings.title')}
          current={part}
          tabs={PARTS.map((name) => ({
            id: name,
            label: t(`settings.${name}`),
            to: `/settings/${name}`,
          }))}
        />
      }
    >
      <SignedIn>
        {(me) => (
          <>
            {part === 'profile' && <ProfilePart me={me} />}
            {part === 'security' && <SecurityPart me={me} />}
            {part === 'sessions' && (
              <Section title={t('settings.sessions')} text={t('sessions.text')}>
                <SignIns />
              </Section>
            )}
            {part === 'keys' && (
              <Section
                title={t('settings.keys')}
                text={t('apiKeys.text', { workspace: me.workspace.name })}
              >
                <ApiKeys me={me} own />
              </Section>
            )}
            {part === 'data' && (
              <Section title={t('settings.data')} text={t('ownData.text')}>
                <OwnData me={me} />
              </Section>
            )}
          </>
        )}
      </SignedIn>
    </Page>
  );
}

function ProfilePart({ me }: { me: Me }) {
  const { t } = useTranslation();
  const profile = useProfile();
  return (
    <>
      <Section title={t('profile.who')}>
        <IdentityForm me={me} />
      </Section>
      <Section title={t('profile.about')} text={t('profile.aboutText')}>
        <Loaded query={profile}>{(data) => <AboutForm profile={data} />}</Loaded>
      </Section>
    </>
  );
}

function SecurityPart({ me }: { me: Me }) {
  const { t } = useTranslation();
  const status = useAuthStatus();
  return (
    <>
      <Section
        title={t('password.title')}
        text={t(me.has_password ? 'password.text' : 'password.none')}
      >
        {me.has_password && (
          <Loaded query={status}>
            {({ min_password_length }) => <PasswordForm minLength={min_password_length} />}
          </Loaded>
        )}
      </Section>
      <Section title={t('factor.title')} text={t('factor.text')}>
        <SecondFactor me={me} />
      </Section>
    </>
  );
}
