import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CommandList } from '@/components/ui/command-list';
import { Dialog } from '@/components/ui/dialog';
import { Refusal } from '@/components/ui/refusal';
import type { Membership } from '@/lib/api/identity-types';
import { useSwitchWorkspace } from './api';

interface SwitchProps {
  current: string;
  memberships: readonly Membership[];
  onClose: () => void;
}

/** The choice among the workspaces that one is in. */
export function SwitchDialog({ current, memberships, onClose }: SwitchProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const act = useSwitchWorkspace();
  const commands = memberships
    .filter(({ workspace }) => workspace.name.toLowerCase().includes(text.trim().toLowerCase()))
    .map(({ workspace, role_name }) => ({
      id: workspace.id,
      label: workspace.name,
      hint: role_name,
      selected: workspace.id === current,
      run: () => {
        if (workspace.id === current) onClose();
        else if (!act.isPending) act.mutate(workspace.id);
      },
    }));
  return (
    <Dialog bare open title={t('me.switch')} onClose={onClose} className="flex flex-col">
      <CommandList
        commands={commands}
        query={text}
        onQuery={setText}
        placeholder={t('me.findWorkspace')}
        empty={t('me.noWorkspace')}
      />
      <Refusal error={act.error} className="m-2" />
    </Dialog>
  );
}
