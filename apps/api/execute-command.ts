import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandRequest, Engine, Receipt } from '#engine/ports.js';
import { ENGINE } from './tokens.js';

/** Any command of any tenant: the one message on the command bus. */
export class ExecuteCommand extends Command<Receipt> {
  constructor(readonly request: CommandRequest) {
    super();
  }
}

/** The door to the engine. What decides a command is its row in `libs/domain/ledger.ts`, so one handler does for all. */
@CommandHandler(ExecuteCommand)
export class ExecuteCommandHandler implements ICommandHandler<ExecuteCommand> {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  execute({ request }: ExecuteCommand): Promise<Receipt> {
    return this.engine.execute(request);
  }
}
