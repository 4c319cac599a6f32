// The examples in JupyterLab's launcher, one card each. Written as JupyterLab loads it, which is less than what a bundler
// would make of it: a container that is given the packages of the page and gives back a module with a plugin.

const FOLDER = 'Examples'
const OPEN = 'pyli-examples:open'

let shared

/** A package of the page, in whatever version it has. */
async function load(name) {
  const [{ get }] = Object.values(shared[name])
  return (await get())()
}

const titleOf = (path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.ipynb$/, '')

function plugin({ ILauncher }, { notebookIcon }) {
  return {
    id: 'pyli-examples:launcher',
    description: 'Shows the notebooks of the folder Examples in the launcher.',
    autoStart: true,
    optional: [ILauncher], // Notebook 7 has none
    async activate({ commands, serviceManager }, launcher) {
      if (!launcher) return
      commands.addCommand(OPEN, {
        label: ({ path }) => titleOf(String(path)),
        caption: 'Read and run this example; File › Save Notebook As… makes one of your own',
        icon: notebookIcon,
        execute: ({ path }) => commands.execute('docmanager:open', { path }),
      })
      // Whoever has such a folder of their own, or none, has no examples: then there is nothing to show.
      const { content, writable } = await serviceManager.contents.get(FOLDER).catch(() => ({ content: [] }))
      if (writable) return
      for (const [rank, { path, type }] of content.sort((a, b) => a.name.localeCompare(b.name)).entries()) {
        if (type === 'notebook') launcher.add({ command: OPEN, args: { path }, category: FOLDER, rank })
      }
    },
  }
}

window._JUPYTERLAB ??= {}
window._JUPYTERLAB['pyli-examples'] = {
  init(scope) {
    shared = scope
  },
  async get() {
    const made = plugin(await load('@jupyterlab/launcher'), await load('@jupyterlab/ui-components'))
    return () => ({ __esModule: true, default: made })
  },
}
