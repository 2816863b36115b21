// The least cut of a network, by Boost.Graph: what it costs to separate two parties' racks.
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>

#include <colossim/base/check.hpp>
#include <colossim/world/handover.hpp>

namespace colossim {

namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
struct EdgeRow {
  std::int64_t capacity = 0;
  std::int64_t residual = 0;
  Traits::edge_descriptor reverse;
};
using Network =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, EdgeRow>;
using Vertex = boost::graph_traits<Network>::vertex_descriptor;

/// One way of an edge. The reverse arc has no capacity of its own: Boost tells the flow that goes
/// back by that, so the two ways of an edge cannot be each other's reverse.
void add_arc(Network& network, Vertex from, Vertex to, std::int64_t capacity) {
  const auto arc = boost::add_edge(from, to, {capacity, 0, {}}, network).first;
  const auto reverse = boost::add_edge(to, from, {0, 0, {}}, network).first;
  network[arc].reverse = reverse;
  network[reverse].reverse = arc;
}

}  // namespace

std::int64_t least_cut(std::uint32_t vertices, std::span<const NetworkEdge> edges,
                       std::uint32_t source, std::uint32_t sink) {
  COLOSSIM_CHECK(source != sink && source < vertices && sink < vertices,
                 "source={} sink={} vertices={}", source, sink, vertices);
  Network network(vertices);
  for (const NetworkEdge& edge : edges) {
    add_arc(network, edge.a, edge.b, edge.capacity);
    add_arc(network, edge.b, edge.a, edge.capacity);
  }
  return boost::push_relabel_max_flow(
      network, boost::vertex(source, network), boost::vertex(sink, network),
      boost::get(&EdgeRow::capacity, network), boost::get(&EdgeRow::residual, network),
      boost::get(&EdgeRow::reverse, network), boost::get(boost::vertex_index, network));
}

}  // namespace colossim
