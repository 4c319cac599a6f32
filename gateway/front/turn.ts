import type { Socket } from 'node:net'
import { header, type RawHeaders } from '../http1/raw-headers.ts'
import type { Account } from '../request/account.ts'
import { asksForWebSocket } from '../request/check.ts'
import type { Client, Exchange } from '../request/exchange.ts'
import type { FailureCode } from '../request/failure.ts'
import { interimHead } from './answer-head.ts'
import { type AnswerOwner, ClientAnswer } from './client-answer.ts'
import { noBody, RequestBody } from './request-body.ts'
import type { ReadRequest } from './request-reader.ts'

export interface HandedOver {
  readonly socket: Socket
  /** Bytes that were read already. */
  readonly rest: Buffer
}

export interface TurnOwner extends AnswerOwner {
  readonly client: Client
  /** Whoever reads the request's body takes more again. */
  onBodyWanted(): void
  /** Gives the connection away. */
  giveAway(): HandedOver
}

/** One request's turn on its connection. */
export class Turn {
  readonly exchange: Exchange
  readonly answer: ClientAnswer
  readonly account: Account
  readonly body: RequestBody | undefined
  /** Whether its client sends no body before it is told to continue. */
  readonly waitsForContinue: boolean

  constructor(request: ReadRequest, account: Account, owner: TurnOwner, usualHeaders?: RawHeaders) {
    const { method, target, minorVersion, headers, length } = request
    this.account = account
    this.answer = new ClientAnswer({ method, minorVersion }, account, owner, usualHeaders)
    const head = { method, target, headers, version: minorVersion === 1 ? '1.1' : '1.0' }
    const { client } = owner
    const { answer } = this
    // In HTTP/1.0 the expectation is ignored (RFC 9110 10.1.1): nobody would ever tell its client.
    this.waitsForContinue = length !== 0 && minorVersion === 1 && header(headers, 'expect') !== undefined
    if (asksForWebSocket(headers)) {
      const accept = (reason: string, shown: RawHeaders) => {
        owner.outbox.put(interimHead(101, reason, shown))
        owner.outbox.flush()
        return owner.giveAway()
      }
      this.exchange = { kind: 'websocket', head, client, answer, account, accept, surrender: () => owner.giveAway() }
      return
    }
    if (length !== 0) this.body = new RequestBody(length, owner)
    this.exchange = { kind: 'http', head, client, answer, account, body: this.body ?? noBody }
  }

  /** The client has its answer. */
  over(): void {
    this.account.close()
  }

  /** The rest of the request will not be read. Who reads its body learns why. */
  stopBody(why: FailureCode): void {
    this.body?.stop(why)
  }

  clientGone(): void {
    this.answer.clientGone()
    this.body?.stop()
    this.account.close()
  }

  /** The connection is another's, and so is the account. */
  release(socket: Socket): void {
    const { account } = this
    const before = socket.bytesWritten
    this.answer.release()
    account.status = 101
    // Its bytes are counted by the socket: nobody else sees them all.
    socket.on('close', () => {
      account.bytesOut = socket.bytesWritten - before
    })
  }
}
