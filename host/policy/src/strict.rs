//! Maps that are read strictly.

/// Defines a struct whose fields are all `Option`, read from a map: an absent
/// key is `None`; an unknown key, a repeated key, a null and anything but a map
/// are errors.
///
/// A derived `Deserialize` is not strict enough for a permission: it takes a
/// null for an absent key, and a list of values for a map.
macro_rules! strict_map {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: Option<$type>,)*
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const KEYS: &[&str] = &[$(stringify!($field)),*];

                struct MapVisitor;

                impl<'de> serde::de::Visitor<'de> for MapVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(f, "a map with keys of {}", KEYS.join(", "))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<$name, A::Error> {
                        use serde::de::Error;
                        $(let mut $field: Option<$type> = None;)*
                        while let Some(key) = map.next_key::<String>()? {
                            match key.as_str() {
                                $(name if name == stringify!($field) => {
                                    if $field.is_some() {
                                        return Err(A::Error::duplicate_field(stringify!($field)));
                                    }
                                    $field = Some(map.next_value()?);
                                })*
                                other => {
                                    return Err(A::Error::custom(format_args!(
                                        "unknown key {}: the keys here are {}",
                                        $crate::text::Quoted(other),
                                        KEYS.join(", "),
                                    )));
                                }
                            }
                        }
                        Ok($name { $($field,)* })
                    }
                }

                deserializer.deserialize_map(MapVisitor)
            }
        }
    };
}
pub(crate) use strict_map;

/// The value of a key that must be there.
pub(crate) fn required<T, E: serde::de::Error>(value: Option<T>, key: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(key))
}
