import { FreeText } from '#platform/validation/fields.js';

export class CreateWorkspaceBody {
  @FreeText(1, 200)
  name: string;
}
