import { readFileSync } from 'node:fs'
import { helpText } from './config/help.ts'
import { parseConfig } from './config/parse.ts'
import { showConfig } from './config/show.ts'
