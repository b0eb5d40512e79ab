import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Needs, SignedIn } from '@/components/identity/signed-in';
import { Tabs } from '@/components/identity/tabs';
import { Page, Section } from '@/components/ui/page';
import { useUsers } from '@/features/users/api';
import { Users } from '@/features/users/users';
import { Workspaces } from '@/features/users/workspaces';
import { Audit } from '@/features/workspace/audit';

const PARTS = ['people', 'workspaces', 'audit'] as const;

/** What concerns the whole installation: its users, its workspaces, its log. */
export default function UsersScreen() {
  const { t } = useTranslation();
  const { part: asked } = useParams({ strict: false });
  const part = PARTS.find((name) => name === asked) ?? 'people';
  return (
    <Page
      wide={part === 'audit'}
      title={t('users.installation')}
      tabs={
        <Tabs
          label={t('users.installation')}
          current={part}
          tabs={PARTS.map((name) => ({
            id: name,
            label: t(`installation.${name}`),
            to: `/users/${name}`,
          }))}
        />
      }
    >
      <SignedIn>
        {(me) => (
          <Needs me={me} permission="users:read">
            {part === 'people' && (
              <Section title={t('users.title')} text={t('users.text')}>
                <Users me={me} />
              </Section>
            )}
            {part === 'workspaces' && (
              <Section title={t('workspaces.title')} text={t('workspaces.text')}>
                <Workspaces me={me} />
              </Section>
            )}
            {part === 'audit' && <InstallationAudit />}
          </Needs>
        )}
      </SignedIn>
    </Page>
  );
}

function InstallationAudit() {
  const { t } = useTranslation();
  const users = useUsers('', '').data ?? [];
  const members = users.map(({ id, username, full_name = null }) => ({
    user_id: id,
    username,
    full_name,
  }));
  return (
    <Section title={t('installation.audit')} text={t('audit.installationText')}>
      <Audit workspaceId={null} members={members} />
    </Section>
  );
}
