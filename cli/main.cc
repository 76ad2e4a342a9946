#include "cli/cli.h"

int main(int argc, char** argv) { return toll::cli::run(argc, argv); }
