#include "dsl/checker/extends/flattened.h"

#include <algorithm>

namespace toll::dsl::checker {

void Flattened::add(std::string_view line, Place source, bool verbatim) {
  end_table();
  pieces_.push_back({static_cast<uint32_t>(text_.size()), source, verbatim});
  text_.append(line).append("\n");
}

void Flattened::end_table() {
  if (!tables_.empty() && tables_.back().named) {
    tables_.push_back({static_cast<uint32_t>(text_.size()), std::nullopt});
  }
}

void Flattened::add_from(const Flattened& other, Span line) {
  if (const Place* named = other.named_by(line))
    begin_row(*named);
  else
    end_table();
  const auto end = static_cast<uint32_t>(text_.size());
  auto piece = std::ranges::lower_bound(other.pieces_, line.begin, {}, &Piece::begin);
  for (; piece != other.pieces_.end() && piece->begin < line.end; ++piece) {
    pieces_.push_back(*piece);
    pieces_.back().begin = piece->begin - line.begin + end;
  }
  text_.append(other.text_, line.begin, line.end - line.begin).append("\n");
}

void Flattened::begin_row(Place named) {
  begins_line_ = true;
  if (tables_.empty() || tables_.back().named != named) {
    tables_.push_back({static_cast<uint32_t>(text_.size()), named});
  }
}

void Flattened::add_to_row(Piece piece, std::string_view text) {
  piece.begin = static_cast<uint32_t>(text_.size());
  piece.begins_line = begins_line_;
  begins_line_ = false;
  pieces_.push_back(piece);
  text_.append(text);
}

const Flattened::Piece* Flattened::piece_of(uint32_t offset) const {
  const auto after = std::ranges::upper_bound(pieces_, offset, {}, &Piece::begin);
  return after == pieces_.begin() ? nullptr : &*std::prev(after);
}

const Place* Flattened::named_by(Span span) const {
  const auto after = std::ranges::upper_bound(tables_, span.begin, {}, &Table::begin);
  if (after == tables_.begin() || !std::prev(after)->named) return nullptr;
  return &*std::prev(after)->named;
}

/// What the part of the span that lies in this piece stands for.
Place Flattened::original(const Piece& piece, Span span) const {
  if (!piece.verbatim) return piece.source;
  const auto moved = [&](uint32_t offset) {
    const uint32_t in_piece = offset < piece.begin ? 0 : offset - piece.begin;
    return std::min(piece.source.span.begin + in_piece, piece.source.span.end);
  };
  return {piece.source.file, {moved(span.begin), moved(span.end)}};
}

/// A span that goes over several pieces of a line stands for all that lies between them in the row.
Place Flattened::original(Span span) const {
  const Piece* piece = piece_of(span.begin);
  if (!piece) return head_;
  Place place = original(*piece, span);
  const Piece* const end = pieces_.data() + pieces_.size();
  for (++piece; piece != end && !piece->begins_line && piece->begin < span.end; ++piece) {
    if (piece->common) continue;
    const Place more = original(*piece, span);
    place.span.begin = std::min(place.span.begin, more.span.begin);
    place.span.end = std::max(place.span.end, more.span.end);
  }
  return place;
}

}  // namespace toll::dsl::checker
