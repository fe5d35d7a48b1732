import { idForm } from '#contract/forms.js';
import { Formed, FreeText, Optional, Says, Text } from '#platform/validation/fields.js';

const ACCOUNT_ID = new RegExp(idForm('account'));
const TRANSACTION_ID = new RegExp(idForm('transaction'));

export class ImportBankStatementBody {
  @Says('The float or general account that the bank’s is kept as.')
  @Formed(ACCOUNT_ID)
  account_id: string;

  @Says('The file, camt.053 or MT940, as base64.', 'OjIwOlNUTVQxCg==')
  @Text(4, 1_000_000, /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)
  file: string;
}

export class ResolveBankStatementLineBody {
  @Says('Why it is as it is.', 'Account fee of the bank; posted as a journal')
  @FreeText(1, 500)
  reason: string;

  @Says('The transaction that it is, where somebody found it.')
  @Optional()
  @Formed(TRANSACTION_ID)
  transaction_id?: string;
}
