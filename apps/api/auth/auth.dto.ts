import { PASSWORD_LENGTH } from '#access/users/passwords.js';
import { idForm } from '#contract/forms.js';
import { EmailAddress, Formed, Optional, Says, Text } from '#platform/validation/fields.js';

/** Of any token that is sent here. */
const LONGEST_TOKEN = 500;

export class AcceptInvitationBody {
  @Text(1, LONGEST_TOKEN)
  token: string;

  @Says('Without one, links are mailed to sign in with.')
  @Optional()
  @Text(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max)
  password?: string;
}

export class LoginBody {
  @Says('With `password`, and without `token`.')
  @Optional()
  @EmailAddress()
  email?: string;

  @Optional()
  @Text(1, PASSWORD_LENGTH.max)
  password?: string;

  @Says('Of a link that was mailed.')
  @Optional()
  @Text(1, LONGEST_TOKEN)
  token?: string;

  @Says('Where to sign in; where the user was last, if it is left out.')
  @Optional()
  @Formed(new RegExp(idForm('tenant')))
  tenant_id?: string;
}

export class LoginLinkBody {
  @EmailAddress()
  email: string;
}

export class ChangePasswordBody {
  @Text(1, PASSWORD_LENGTH.max)
  current_password: string;

  @Text(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max)
  new_password: string;
}

export class ResetPasswordBody {
  @Says('Of the letter.')
  @Text(1, LONGEST_TOKEN)
  token: string;

  @Text(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max)
  password: string;
}

export class RefreshBody {
  @Text(1, LONGEST_TOKEN)
  refresh_token: string;
}

export class SwitchTenantBody {
  @Formed(new RegExp(idForm('tenant')))
  tenant_id: string;
}
