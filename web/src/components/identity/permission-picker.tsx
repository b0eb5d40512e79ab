import { useTranslation } from 'react-i18next';
import { CheckField } from '@/components/ui/field';
import type { KnownPermission, Permission } from '@/lib/api/identity-types';

const groupOf = (permission: Permission) => permission.split(':')[0] ?? '';

interface PickerProps {
  /** All there are, in the order they are shown. */
  permissions: readonly KnownPermission[];
  /** What the reader may hand out: nobody grants what they do not hold. */
  held: readonly Permission[];
  chosen: readonly Permission[];
  onChange: (chosen: Permission[]) => void;
}

/** Permissions by what they are about, each with its meaning. */
export function PermissionPicker({ permissions, held, chosen, onChange }: PickerProps) {
  const { t } = useTranslation();
  const groups = [...new Set(permissions.map(({ name }) => groupOf(name)))];
  const toggle = (name: Permission, on: boolean) =>
    onChange(on ? [...chosen, name] : chosen.filter((one) => one !== name));
  return (
    <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
      {groups.map((group) => (
        <fieldset key={group} className="min-w-0">
          <legend className="mb-1.5 font-medium text-sm">
            {t(`permissionGroup.${group}`, { defaultValue: group })}
          </legend>
          <div className="flex flex-col gap-2">
            {permissions
              .filter(({ name }) => groupOf(name) === group)
              .map(({ name, meaning }) => (
                <CheckField
                  key={name}
                  label={meaning.trim()}
                  hint={held.includes(name) ? name : t('roles.notHeld', { name })}
                  checked={chosen.includes(name)}
                  disabled={!held.includes(name)}
                  onChange={(event) => toggle(name, event.target.checked)}
                />
              ))}
          </div>
        </fieldset>
      ))}
    </div>
  );
}
