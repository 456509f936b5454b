import Testing

@testable import TensorCore

struct `A gradient` {
  let memory = FloatBuffer(count: 5)

  @Test func `is zero until something was added, whatever the memory held`() {
    memory.array = [1, 2, .nan, 4, 5]
    let gradient = Gradient(memory.pointer, count: 5, isZero: true)
    #expect(gradient.accumulation().start == nil)
    memory.array = [1, 2, 3, 4, 5]
    #expect(gradient.accumulation().start != nil)
    #expect(gradient.settled() == memory.pointer)
    #expect(memory.array == [1, 2, 3, 4, 5])
  }

  @Test func `is cleared where nobody wrote it`() {
    memory.array = [1, 2, .nan, 4, 5]
    let gradient = Gradient(memory.pointer, count: 5, isZero: false)
    gradient.reset()
    _ = gradient.settled()
    #expect(memory.array == [0, 0, 0, 0, 0])
  }
}
