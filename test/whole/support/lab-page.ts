import type { Locator, Page } from 'playwright-core'
import type { Cluster } from './cluster.ts'

/** What a person would not like to see. */
export interface Trouble {
  /** Their titles, and what notifications say that pop up in a corner. */
  readonly dialogs: string[]
  readonly errors: string[]
  /** Answers of 400 and above. */
  readonly refusals: string[]
  /** Requests to others than the gateway: nothing goes to the internet unasked. */
  readonly strangers: string[]
}

/** JupyterLab in a page, used as a person uses it: menus, buttons, keys. */
export class LabPage {
  readonly page: Page
  readonly trouble: Trouble = { dialogs: [], errors: [], refusals: [], strangers: [] }
  readonly #cluster: Pick<Cluster, 'url' | 'token'>

  private constructor(page: Page, cluster: Pick<Cluster, 'url' | 'token'>) {
    this.page = page
    this.#cluster = cluster
  }

  static async in(page: Page, cluster: Pick<Cluster, 'url' | 'token'>): Promise<LabPage> {
    const lab = new LabPage(page, cluster)
    const { dialogs, errors, refusals, strangers } = lab.trouble
    await page.exposeFunction('reportDialog', (title: string) => void dialogs.push(title))
    await page.addInitScript(reportDialogs)
    page.on('pageerror', (error) => void errors.push(error.stack ?? String(error)))
    page.on('console', (message) => {
      const isRefusal = /^Failed to load resource: the server responded/.test(message.text()) // it does not say which
      if (message.type() === 'error' && !isRefusal) errors.push(message.text())
    })
    const own = new URL(cluster.url).host
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url())
      if (protocol.startsWith('http') && host !== own) strangers.push(request.url())
    })
    page.on('response', (answer) => {
      if (answer.status() >= 400) refusals.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`)
    })
    return lab
  }

  /** With the token, as the address that is printed at the start. */
  async open(path = 'lab'): Promise<void> {
    await this.page.goto(`${this.#cluster.url}${path}?token=${this.#cluster.token}`)
    await this.shown()
  }

  /** JupyterLab is there, wherever the page came from. */
  async shown(): Promise<void> {
    await this.page.locator('#jp-main-dock-panel').waitFor()
    await this.page.locator('#jupyterlab-splash').waitFor({ state: 'detached' })
  }

  /** Opens a notebook with a double click and waits for its kernel: JupyterLab forgets what is run before that. */
  async openNotebook(name: string): Promise<void> {
    await this.#sideBar('filebrowser')
    await this.page.locator('.jp-DirListing-item', { hasText: name }).dblclick()
    await this.notebookIsReady()
  }

  async notebookIsReady(): Promise<void> {
    await this.page.locator('#jp-main-statusbar', { hasText: /\| Idle/ }).waitFor()
  }

  /** The notebook in front. */
  get panel(): Locator {
    return this.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)')
  }

  cell(index: number): Locator {
    return this.panel.locator(`.jp-Cell[data-windowed-list-index="${index}"]`)
  }

  output(index: number): Locator {
    return this.cell(index).locator('.jp-OutputArea')
  }

  /** Does not wait for its end. */
  async run(index: number): Promise<void> {
    await this.cell(index).locator('.cm-content').click()
    await this.page.keyboard.press('Control+Enter')
  }

  /** Replaces what the cell says, and runs it. */
  async runInstead(index: number, code: string): Promise<void> {
    await this.cell(index).locator('.cm-content').click()
    await this.page.keyboard.press('Control+A')
    await this.page.keyboard.insertText(code)
    await this.page.keyboard.press('Control+Enter')
  }

  async outputIs(index: number, text: string | RegExp): Promise<void> {
    await this.output(index).filter({ hasText: text }).waitFor()
  }

  /** A button of the notebook's tool bar. */
  async toolbar(command: string): Promise<void> {
    await this.panel.locator(`.jp-Toolbar [data-command="${command}"]`).click()
  }

  async menu(name: string, command: string): Promise<void> {
    await this.page.locator('.lm-MenuBar-item', { hasText: name }).click()
    await this.page.locator(`.lm-Menu-item[data-command="${command}"]`).click()
  }

  /** The dialog that is open, which must be the one of this title. */
  dialog(title: string): Locator {
    return this.page.locator('.jp-Dialog', { has: this.page.locator('.jp-Dialog-header', { hasText: title }) })
  }

  /** Kernel → Change Kernel…, and there the kernel of another notebook. */
  async useKernel(id: string): Promise<void> {
    await this.panel.locator('.jp-KernelName').click()
    const dialog = this.dialog('Select Kernel')
    await dialog.locator('select').selectOption(JSON.stringify({ id }))
    await this.accept(dialog)
  }

  async rename(name: string): Promise<void> {
    await this.menu('File', 'docmanager:rename')
    const dialog = this.dialog('Rename File')
    await dialog.locator('input').fill(name)
    await this.accept(dialog)
  }

  async restart(): Promise<void> {
    await this.toolbar('notebook:restart-kernel')
    await this.accept(this.dialog('Restart Kernel?'))
    await this.notebookIsReady()
  }

  /** Brings an open notebook or terminal to the front. */
  async show(title: string | RegExp): Promise<void> {
    await this.page.locator('#jp-main-dock-panel .lm-TabBar-tab', { hasText: title }).click()
  }

  async accept(dialog: Locator): Promise<void> {
    await dialog.locator('.jp-mod-accept').click()
    await dialog.waitFor({ state: 'detached' })
  }

  /** The panel that lists what runs, refreshed by its own button. */
  async runningPanel(): Promise<Locator> {
    await this.#sideBar('jp-running-sessions')
    const panel = this.page.locator('#jp-running-sessions')
    await panel.locator('[data-jp-item-name="refresh"] jp-button').click()
    return panel
  }

  /** A section of that panel, by its title: their order is that in which JupyterLab's plugins came up. */
  section(title: string): Locator {
    return this.page.locator('#jp-running-sessions').getByRole('region', { name: title })
  }

  async newTerminal(): Promise<void> {
    const terminals = this.page.locator('.jp-Terminal')
    const before = await terminals.count()
    await this.terminalSpeaks(async () => {
      await this.page.locator('.lm-MenuBar-item', { hasText: 'File' }).click()
      await this.page.locator('.lm-Menu-item', { hasText: /^New$/ }).click()
      await this.page.locator('.lm-Menu-item[data-command="terminal:create-new"]').click()
    })
    await terminals.nth(before).waitFor()
  }

  /** Waits for the first words of the shell that `open` opens: JupyterLab drops what is typed before. */
  async terminalSpeaks(open: () => Promise<void>): Promise<void> {
    const spoken = new Promise<void>((resolve) => {
      this.page.on('websocket', (socket) => {
        if (!socket.url().includes('/terminals/websocket/')) return
        socket.on('framereceived', ({ payload }) => {
          if (payload.includes('"stdout"')) resolve()
        })
      })
    })
    await open()
    await spoken
  }

  get terminal(): Locator {
    return this.page.locator('.jp-Terminal .xterm').filter({ visible: true })
  }

  /** What a terminal shows is a picture; what was typed is seen by what it does. */
  async typeInTerminal(line: string): Promise<void> {
    await this.terminal.click()
    await this.page.keyboard.type(`${line}\n`)
  }

  async #sideBar(id: string): Promise<void> {
    const tab = this.page.locator(`.jp-SideBar .lm-TabBar-tab[data-id="${id}"]`)
    if (!(await tab.getAttribute('class'))?.includes('lm-mod-current')) await tab.click()
  }
}

/** Runs in the page, before anything else. */
function reportDialogs(): void {
  const report = (globalThis as unknown as { reportDialog(title: string): void }).reportDialog
  // A dialog gets its title later, and so does a notification its words.
  const tell = (box: Element, words: string) =>
    setTimeout(() => report((box.querySelector(words) ?? box).textContent ?? ''))
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (!(node instanceof HTMLElement)) continue
      if (node.classList.contains('jp-Dialog')) tell(node, '.jp-Dialog-header')
      const toasts = node.matches('.Toastify__toast') ? [node] : node.querySelectorAll('.Toastify__toast')
      for (const toast of toasts) tell(toast, '.jp-toast-message')
    }
  }).observe(document, { childList: true, subtree: true })
}
