// Toll as a peer, over columns in memory: peer_toll WORKLOAD FOLDER CARD_FILE
#include "tests/peers/toll_rows.h"

int main(int argc, char** argv) {
  using namespace toll::peers;
  if (argc != 4) return 2;
  const std::string workload = argv[1], folder = argv[2];
  TollRows rows(workload, read_columns(folder + "/" + workload + ".bin", columns_of(workload)),
                read_text(argv[3]));
  return serve({{"amounts/1", [&] { return rows.rate(1); }},
                {"amounts/2", [&] { return rows.rate(2); }},
                {"total/1", [&] { return rows.add_up(1); }},
                {"total/2", [&] { return rows.add_up(2); }}});
}
