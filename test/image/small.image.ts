import { testImage } from './image.ts'

// `npm run test:image`: the images of Jupyter servers with Python and Bash, and of the gateway.

await testImage('small')
