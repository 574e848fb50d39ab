@NullMarked
package org.autotls.store;

import org.jspecify.annotations.NullMarked;
