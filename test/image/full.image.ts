import { testImage } from './image.ts'

// `npm run test:image:full`: the image with all languages. Writes what it has measured into image/README.md.

await testImage('full')
