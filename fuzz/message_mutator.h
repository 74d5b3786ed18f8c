// Changes one field of a protobuf message, however deep it lies. Bytes changed blindly seldom keep its lengths right.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "mutate.h"

namespace graupel::fuzz {

class MessageMutator {
 public:
  explicit MessageMutator(Random& random) : random_(random) {}

  void mutate_one_field(google::protobuf::Message& message) {
    places_.clear();
    texts_.clear();
    collect(message);
    if (places_.empty()) return;
    const Place place = places_[random_() % places_.size()];
    if (place.field->is_repeated() && one_in(random_, 3))
      resize(place);
    else if (!place.field->is_repeated() && one_in(random_, 16))
      place.message->GetReflection()->ClearField(place.message, place.field);
    else
      change(place);
  }

 private:
  using Descriptor = google::protobuf::FieldDescriptor;
  struct Place {
    google::protobuf::Message* message;
    const Descriptor* field;
    int index;  ///< of a repeated field
  };

  void collect(google::protobuf::Message& message) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    std::vector<const Descriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const Descriptor* field : fields) {
      const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        places_.push_back({&message, field, i});
        if (field->type() == Descriptor::TYPE_STRING) texts_.push_back(text_at(places_.back()));
        if (field->cpp_type() != Descriptor::CPPTYPE_MESSAGE) continue;
        collect(field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                     : *reflection.MutableMessage(&message, field));
      }
    }
  }

  static std::string text_at(const Place& place) {
    const google::protobuf::Reflection& reflection = *place.message->GetReflection();
    return place.field->is_repeated() ? reflection.GetRepeatedString(*place.message, place.field, place.index)
                                      : reflection.GetString(*place.message, place.field);
  }

  /// One element fewer, or two that change places.
  void resize(const Place& place) {
    const google::protobuf::Reflection& reflection = *place.message->GetReflection();
    const int size = reflection.FieldSize(*place.message, place.field);
    reflection.SwapElements(place.message, place.field, place.index, static_cast<int>(random_()) % size);
    if (one_in(random_, 2)) reflection.RemoveLast(place.message, place.field);
  }

  /// Another of the message's names, or other bytes.
  std::string another_text(const Place& place) {
    const std::string text = text_at(place);
    if (place.field->type() == Descriptor::TYPE_STRING && !one_in(random_, 8)) return texts_[random_() % texts_.size()];
    const ByteSpan old = std::as_bytes(std::span(text));
    Bytes bytes(old.begin(), old.end());
    mutate(bytes);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  void change(const Place& place) {
    const google::protobuf::Reflection& reflection = *place.message->GetReflection();
    google::protobuf::Message* message = place.message;
    const Descriptor* field = place.field;
    const int i = place.index;
    const auto replace =
        [&]<class T>(
            T (google::protobuf::Reflection::*get)(const google::protobuf::Message&, const Descriptor*) const,
            void (google::protobuf::Reflection::*set)(google::protobuf::Message*, const Descriptor*, T) const,
            T (google::protobuf::Reflection::*get_one)(const google::protobuf::Message&, const Descriptor*, int) const,
            void (google::protobuf::Reflection::*set_one)(google::protobuf::Message*, const Descriptor*, int, T)
                const) {
          if (field->is_repeated())
            (reflection.*set_one)(message, field, i, another((reflection.*get_one)(*message, field, i), random_));
          else
            (reflection.*set)(message, field, another((reflection.*get)(*message, field), random_));
        };
    using R = google::protobuf::Reflection;
    switch (field->cpp_type()) {
      case Descriptor::CPPTYPE_INT32:
        return replace(&R::GetInt32, &R::SetInt32, &R::GetRepeatedInt32, &R::SetRepeatedInt32);
      case Descriptor::CPPTYPE_INT64:
        return replace(&R::GetInt64, &R::SetInt64, &R::GetRepeatedInt64, &R::SetRepeatedInt64);
      case Descriptor::CPPTYPE_UINT64:
        return replace(&R::GetUInt64, &R::SetUInt64, &R::GetRepeatedUInt64, &R::SetRepeatedUInt64);
      case Descriptor::CPPTYPE_FLOAT:
        return replace(&R::GetFloat, &R::SetFloat, &R::GetRepeatedFloat, &R::SetRepeatedFloat);
      case Descriptor::CPPTYPE_STRING:
        if (field->is_repeated()) return reflection.SetRepeatedString(message, field, i, another_text(place));
        return reflection.SetString(message, field, another_text(place));
      case Descriptor::CPPTYPE_ENUM:
        if (!field->is_repeated()) reflection.SetEnumValue(message, field, static_cast<int>(random_() % 24));
        return;
      default:  // messages change through their fields
        return;
    }
  }

  Random& random_;
  std::vector<Place> places_;
  std::vector<std::string> texts_;
};

}  // namespace graupel::fuzz
