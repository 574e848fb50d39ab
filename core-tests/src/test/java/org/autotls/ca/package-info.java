@NullMarked
package org.autotls.ca;

import org.jspecify.annotations.NullMarked;
