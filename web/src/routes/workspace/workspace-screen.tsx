import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Needs, SignedIn } from '@/components/identity/signed-in';
import { Tabs } from '@/components/identity/tabs';
import { Page, Section } from '@/components/ui/page';
import { ApiKeys } from '@/features/api-keys/api-keys';
import { useMembers } from '@/features/workspace/api';
import { Audit } from '@/features/workspace/audit';
import { Budgets } from '@/features/workspace/budgets';
import { General } from '@/features/workspace/general';
import { Invitations } from '@/features/workspace/invitations';
import { Members } from '@/features/workspace/members';
import { Roles } from '@/features/workspace/roles';
import { Usage } from '@/features/workspace/usage';
import type { Me, Permission } from '@/lib/api/identity-types';

/** The parts, and the permission without which there is nothing to see. */
const PARTS: Record<string, Permission | null> = {
  general: null,
  members: 'members:read',
  roles: 'members:read',
  budgets: 'budgets:read',
  usage: null,
  keys: 'keys:write',
  audit: 'audit:read',
};

/** The workspace that one is in, by what one may do there. */
export default function WorkspaceScreen() {
  const { t } = useTranslation();
  const { part: asked = '' } = useParams({ strict: false });
  const part = asked in PARTS ? asked : 'general';
  const permission = PARTS[part] ?? null;
  return (
    <Page
      wide={part === 'usage' || part === 'audit'}
      title={t('workspace.title')}
      tabs={
        <Tabs
          label={t('workspace.title')}
          current={part}
          tabs={Object.keys(PARTS).map((id) => ({
            id,
            label: t(`workspacePart.${id}`),
            to: `/workspace/${id}`,
          }))}
        />
      }
    >
      <SignedIn>
        {(me) =>
          permission === null ? (
            <Part me={me} part={part} />
          ) : (
            <Needs me={me} permission={permission}>
              <Part me={me} part={part} />
            </Needs>
          )
        }
      </SignedIn>
    </Page>
  );
}

function Part({ me, part }: { me: Me; part: string }) {
  const { t } = useTranslation();
  const section = (text: string, children: ReactNode) => (
    <Section title={t(`workspacePart.${part}`)} text={text}>
      {children}
    </Section>
  );
  switch (part) {
    case 'members':
      return <PeoplePart me={me} />;
    case 'roles':
      return section(t('roles.text'), <Roles me={me} />);
    case 'budgets':
      return section(t('budgets.text'), <Budgets me={me} />);
    case 'usage':
      return section(t('usage.text'), <Usage me={me} />);
    case 'keys':
      return <KeysPart me={me} />;
    case 'audit':
      return <AuditPart me={me} />;
    default:
      // Whoever has left is somewhere else now; where, the server says.
      return <General me={me} onGone={() => window.location.assign('/')} />;
  }
}

function PeoplePart({ me }: { me: Me }) {
  const { t } = useTranslation();
  return (
    <>
      <Section title={t('members.title')}>
        <Members me={me} />
      </Section>
      <Section title={t('invitations.title')} text={t('invitations.text')}>
        <Needs me={me} permission="members:write">
          <Invitations me={me} />
        </Needs>
      </Section>
    </>
  );
}

function KeysPart({ me }: { me: Me }) {
  const { t } = useTranslation();
  const members = useMembers(me.workspace.id).data ?? [];
  const ownerName = (id: string) => {
    const owner = members.find((member) => member.user_id === id);
    return owner && (owner.full_name ?? owner.username);
  };
  return (
    <Section
      title={t('workspacePart.keys')}
      text={t('apiKeys.text', { workspace: me.workspace.name })}
    >
      <ApiKeys me={me} own={false} ownerName={ownerName} />
    </Section>
  );
}

function AuditPart({ me }: { me: Me }) {
  const { t } = useTranslation();
  const members = useMembers(me.workspace.id).data ?? [];
  return (
    <Section title={t('workspacePart.audit')} text={t('audit.text')}>
      <Audit workspaceId={me.workspace.id} members={members} />
    </Section>
  );
}
