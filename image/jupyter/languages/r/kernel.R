# R's kernel, in which a question is an error where nobody can be asked. It would wait for an answer that cannot come.
kernel <- IRkernel:::Kernel$new(connection_file = commandArgs(TRUE)[[1]])
executor <- kernel$executor
answer <- executor$handle_stdin
executor$handle_stdin <- function() {
  if (!isTRUE(executor$current_request$content$allow_stdin)) {
    stop("the cell asks for input, and nobody can be asked here", call. = FALSE)
  }
  answer()
}
kernel$run()
